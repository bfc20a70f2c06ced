/*
 * The load generator: one thread, epoll, frames built beforehand, replies counted by their headers.
 * It reads a plan (see src/load/plan.ts) and is led through its phases by lines on stdin:
 *   connect -> {"phase":"connected"}   all connections are open and have done their steps
 *   warm    -> {"phase":"warm"}        traffic has run and everything sent has come back
 *   run     -> {"phase":"done",...}    the same, measured
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#endif

#define NONE 0xffffffffu
#define RING 65536u
#define ROOM 2048u
#define READ_BYTES (1u << 20)
#define BUCKETS 4096

enum mode { CONNECT, ECHO, FAN_OUT };
enum flag { FLAG_TLS = 1, FLAG_SPIN = 2 };
enum state { IDLE, CONNECTING, TLS_HANDSHAKE, HTTP, STEPS, OPEN, CLOSED };

struct blob { uint8_t *bytes; uint32_t length; };
struct step { uint32_t blob, frames; };
struct template { uint32_t connection, blob; };
struct heartbeat { struct blob ping, pong; };

struct connection {
  int fd;
  uint8_t state, want_write, is_dirty;
  uint32_t port, step_count, step, awaited;
  struct step *steps;
  uint64_t received, expected, sent; /* of this phase */
  uint64_t skip;                     /* bytes left of a message that was cut by the end of a read */
  uint64_t length;                   /* of that message */
  uint8_t *stash; uint32_t stash_length;
  uint8_t *out; uint32_t out_length, out_capacity;
  uint64_t *sent_at; /* echo: send times of what is in flight */
#ifdef WITH_TLS
  SSL *ssl;
#endif
};

static struct {
  uint32_t mode, flags, concurrency, min_message, depth, subscribers, warm_ms, run_ms, min_messages, channel_offset;
  uint64_t interval_ns;
} plan;
static struct heartbeat *heartbeats; static uint32_t heartbeat_count;
static struct blob *blobs; static uint32_t blob_count;
static uint32_t upgrade;
static struct connection *connections; static uint32_t connection_count;
static struct template *templates; static uint32_t template_count;
static uint32_t *dirty; static uint32_t dirty_count;

static int epoll_fd;
static uint8_t *buffer; /* ROOM bytes for a stash, then READ_BYTES */
static uint32_t opening, opened, next_to_open;
static uint64_t now_ns, started_ns, busy_ns, last_progress_ns;
static int is_sending, is_measured;
static uint64_t publications, in_flight, messages, others, lost, extra, closed_by_server;
static uint64_t min_length, max_length;
static uint64_t ring_sent[RING]; static uint32_t ring_pending[RING];
static uint64_t histogram[BUCKETS], histogram_total;
static uint8_t sample[512]; static uint32_t sample_length;

static uint64_t clock_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static void fail(const char *what) {
  fprintf(stderr, "load: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
  exit(1);
}

/* 64 buckets for each doubling: at most 1.6 % wide. */
static uint32_t bucket_of(uint64_t ns) {
  if (ns < 64) return (uint32_t)ns;
  uint32_t log = 63u - (uint32_t)__builtin_clzll(ns);
  uint32_t index = (log - 5) * 64 + (uint32_t)((ns >> (log - 6)) & 63);
  return index < BUCKETS ? index : BUCKETS - 1;
}

static double bucket_us(uint32_t index) {
  if (index < 64) return index / 1000.0;
  uint32_t log = index / 64 + 5;
  return (double)((64ull + index % 64) << (log - 6)) / 1000.0;
}

static double percentile(double share) {
  uint64_t rank = (uint64_t)(share * (double)histogram_total), seen = 0;
  for (uint32_t i = 0; i < BUCKETS; i++)
    if ((seen += histogram[i]) > rank) return bucket_us(i);
  return 0;
}

static void record(uint64_t sent_at) {
  uint64_t taken = now_ns > sent_at ? now_ns - sent_at : 0;
  histogram[bucket_of(taken)]++;
  histogram_total++;
}

/* ---- writing ---- */

static void close_connection(struct connection *c) {
  if (c->state == CLOSED) return;
  if (c->state != OPEN) fail("a connection was closed by the server before it was open");
  c->state = CLOSED;
  closed_by_server++;
  close(c->fd);
}

static void watch(struct connection *c, int write) {
  if (c->want_write == write) return;
  c->want_write = (uint8_t)write;
  struct epoll_event event = { .events = EPOLLIN | (write ? EPOLLOUT : 0), .data.ptr = c };
  if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event) < 0) fail("epoll_ctl");
}

static ssize_t send_bytes(struct connection *c, const uint8_t *bytes, size_t length) {
#ifdef WITH_TLS
  if (c->ssl) {
    int n = SSL_write(c->ssl, bytes, (int)length);
    if (n > 0) return n;
    int error = SSL_get_error(c->ssl, n);
    if (error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ) { errno = EAGAIN; return -1; }
    errno = ECONNRESET;
    return -1;
  }
#endif
  return send(c->fd, bytes, length, MSG_NOSIGNAL);
}

static void flush(struct connection *c) {
  c->is_dirty = 0;
  uint32_t done = 0;
  while (c->state != CLOSED && done < c->out_length) {
    ssize_t n = send_bytes(c, c->out + done, c->out_length - done);
    if (n < 0) {
      if (errno == EAGAIN) break;
      close_connection(c);
      return;
    }
    done += (uint32_t)n;
  }
  c->out_length -= done;
  if (c->out_length > 0) memmove(c->out, c->out + done, c->out_length);
  watch(c, c->out_length > 0);
}

static void flush_dirty(void) {
  for (uint32_t i = 0; i < dirty_count; i++)
    if (connections[dirty[i]].state != CLOSED) flush(&connections[dirty[i]]);
  dirty_count = 0;
}

/* Leaves with whatever else this turn of the loop sends on the connection. */
static void queue(struct connection *c, const struct blob *b) {
  if (c->state == CLOSED) return;
  if (c->out_length + b->length > c->out_capacity) {
    c->out_capacity = (c->out_length + b->length) * 2;
    c->out = realloc(c->out, c->out_capacity);
  }
  memcpy(c->out + c->out_length, b->bytes, b->length);
  c->out_length += b->length;
  if (!c->is_dirty) {
    c->is_dirty = 1;
    dirty[dirty_count++] = (uint32_t)(c - connections);
  }
}

/* ---- traffic ---- */

static void send_echo(struct connection *c) {
  c->sent_at[c->sent % plan.depth] = now_ns;
  queue(c, &blobs[templates[c->sent % template_count].blob]);
  c->sent++;
  c->expected++;
}

static void publish(uint64_t sent_at) {
  struct template *t = &templates[publications % template_count];
  uint32_t slot = (uint32_t)(plan.channel_offset ? publications % template_count : publications % RING);
  ring_sent[slot] = sent_at;
  ring_pending[slot] = plan.subscribers;
  queue(&connections[t->connection], &blobs[t->blob]);
  publications++;
  in_flight++;
}

static void feed(void) {
  if (plan.mode != FAN_OUT || !is_sending) return;
  if (plan.interval_ns > 0) {
    uint64_t due;
    while (in_flight < RING / 2 && (due = started_ns + publications * plan.interval_ns) <= now_ns) publish(due);
    return;
  }
  while (in_flight < plan.depth) {
    if (plan.channel_offset && ring_pending[publications % template_count] > 0) return;
    publish(now_ns);
  }
}

/* Every connection has got the same when a run ends: publications come in whole rounds over all channels. */
static int may_stop(void) { return plan.mode != FAN_OUT || !plan.channel_offset || publications % template_count == 0; }

static void delivered(uint32_t slot) {
  if (ring_pending[slot] == 0) { extra++; return; }
  record(ring_sent[slot]);
  if (--ring_pending[slot] == 0) in_flight--;
}

static void on_message(struct connection *c, const uint8_t *payload, uint64_t length) {
  if (length < min_length) min_length = length;
  if (length > max_length) max_length = length;
  messages++;
  if (payload && sample_length == 0 && is_measured) {
    sample_length = length < sizeof sample ? (uint32_t)length : (uint32_t)sizeof sample;
    memcpy(sample, payload, sample_length);
  }
  if (plan.mode == ECHO) {
    if (c->received >= c->sent) { extra++; return; }
    record(c->sent_at[c->received % plan.depth]);
    c->received++;
    if (is_sending) send_echo(c);
  } else if (plan.mode == FAN_OUT) {
    if (plan.channel_offset) {
      uint32_t channel = 0;
      for (int i = 0; i < 4; i++) channel = channel * 10 + (uint32_t)(payload[plan.channel_offset + (uint32_t)i] - '0');
      if (channel >= template_count) fail("a delivery names no channel");
      delivered(channel);
    } else if (c->received >= publications) {
      extra++;
    } else {
      delivered((uint32_t)(c->received % RING));
    }
    c->received++;
  }
}

/* ---- the steps from a connection to an open socket ---- */

static void next_step(struct connection *c) {
  while (c->awaited == 0) {
    if (c->step == c->step_count) {
      c->state = OPEN;
      opened++;
      opening--;
      return;
    }
    struct step *s = &c->steps[c->step++];
    c->awaited = s->frames;
    if (s->blob != NONE) queue(c, &blobs[s->blob]);
  }
}

static void on_small(struct connection *c, const uint8_t *payload, uint64_t length) {
  for (uint32_t i = 0; i < heartbeat_count; i++) {
    if (heartbeats[i].ping.length != length || memcmp(heartbeats[i].ping.bytes, payload, length) != 0) continue;
    queue(c, &heartbeats[i].pong);
    return;
  }
  if (c->state == STEPS && c->awaited > 0) c->awaited--;
  else others++;
}

static void start_connection(struct connection *c) {
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (c->fd < 0) fail("socket");
  int one = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct linger reset = { 1, 0 };
  setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)c->port) };
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0 && errno != EINPROGRESS) fail("connect");
  errno = 0;
  c->state = CONNECTING;
  c->want_write = 1;
  struct epoll_event event = { .events = EPOLLIN | EPOLLOUT, .data.ptr = c };
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event) < 0) fail("epoll_ctl");
  opening++;
}

#ifdef WITH_TLS
static SSL_CTX *tls;

static void tls_handshake(struct connection *c) {
  int n = SSL_connect(c->ssl);
  if (n == 1) {
    c->state = HTTP;
    watch(c, 0);
    queue(c, &blobs[upgrade]);
    return;
  }
  int error = SSL_get_error(c->ssl, n);
  if (error == SSL_ERROR_WANT_READ) watch(c, 0);
  else if (error == SSL_ERROR_WANT_WRITE) watch(c, 1);
  else fail("the TLS handshake failed");
}
#endif

static void connected(struct connection *c) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) { errno = error; fail("connect"); }
#ifdef WITH_TLS
  if (plan.flags & FLAG_TLS) {
    c->ssl = SSL_new(tls);
    SSL_set_fd(c->ssl, c->fd);
    c->state = TLS_HANDSHAKE;
    tls_handshake(c);
    return;
  }
#endif
  c->state = HTTP;
  watch(c, 0);
  queue(c, &blobs[upgrade]);
}

/* ---- reading ---- */

static void keep(struct connection *c, const uint8_t *bytes, size_t length) {
  if (length > ROOM) fail("a frame that must be seen whole is too long");
  if (!c->stash) c->stash = malloc(ROOM);
  memcpy(c->stash, bytes, length);
  c->stash_length = (uint32_t)length;
}

static void consume(struct connection *c, uint8_t *p, uint8_t *end) {
  if (c->state == HTTP) {
    uint8_t *head = memmem(p, (size_t)(end - p), "\r\n\r\n", 4);
    if (!head) { keep(c, p, (size_t)(end - p)); return; }
    if (memcmp(p, "HTTP/1.1 101", 12) != 0) { errno = 0; fail("an upgrade was refused"); }
    p = head + 4;
    c->state = STEPS;
    next_step(c);
  }
  while (p < end) {
    if (c->skip > 0) {
      uint64_t taken = c->skip < (uint64_t)(end - p) ? c->skip : (uint64_t)(end - p);
      p += taken;
      if ((c->skip -= taken) == 0) on_message(c, NULL, c->length);
      continue;
    }
    size_t left = (size_t)(end - p);
    if (left < 2) { keep(c, p, left); return; }
    uint64_t length = p[1], header = 2;
    if (length == 126) header = 4;
    else if (length == 127) header = 10;
    if (length > 127) { errno = 0; fail("a frame of the server is masked"); }
    if (left < header) { keep(c, p, left); return; }
    if (header == 4) length = (uint64_t)p[2] << 8 | p[3];
    else if (header == 10) for (int i = 2, first = 1; i < 10; i++, first = 0) length = (first ? 0 : length << 8) | p[i];
    uint8_t opcode = p[0] & 15;
    int is_whole = left >= header + length;
    if (opcode == 8) { close_connection(c); return; }
    int is_message = c->state == OPEN && length >= plan.min_message && opcode < 8;
    if (!is_whole && (!is_message || plan.channel_offset)) { keep(c, p, left); return; }
    if (!is_message) {
      on_small(c, p + header, length);
      if (c->state == STEPS) next_step(c);
    } else if (is_whole) {
      on_message(c, p + header, length);
    } else {
      c->length = length;
      c->skip = header + length - left;
      return;
    }
    p += header + length;
  }
}

static ssize_t receive(struct connection *c, uint8_t *into) {
#ifdef WITH_TLS
  if (c->ssl) {
    int n = SSL_read(c->ssl, into, READ_BYTES);
    if (n > 0) return n;
    int error = SSL_get_error(c->ssl, n);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) { errno = EAGAIN; return -1; }
    if (error == SSL_ERROR_ZERO_RETURN) return 0;
    errno = ECONNRESET;
    return -1;
  }
#endif
  return recv(c->fd, into, READ_BYTES, 0);
}

static void on_readable(struct connection *c) {
  for (;;) {
    uint32_t before = c->stash_length;
    ssize_t n = receive(c, buffer + ROOM);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) { close_connection(c); return; }
    if (before > 0) memcpy(buffer + ROOM - before, c->stash, before);
    c->stash_length = 0;
    consume(c, buffer + ROOM - before, buffer + ROOM + n);
#ifdef WITH_TLS
    if (c->ssl && c->state != CLOSED) continue; /* OpenSSL may hold a record that epoll does not know of */
#endif
    return;
  }
}

/* ---- the loop ---- */

/* One turn. Returns whether stdin has something to say. */
static int turn(int timeout_ms) {
  static struct epoll_event events[1024];
  uint64_t before = clock_ns();
  int count = epoll_wait(epoll_fd, events, 1024, timeout_ms);
  if (count < 0 && errno != EINTR) fail("epoll_wait");
  uint64_t woken = now_ns = clock_ns();
  int has_command = 0;
  for (int i = 0; i < count; i++) {
    struct connection *c = events[i].data.ptr;
    if (!c) { has_command = 1; continue; }
    if (c->state == CLOSED) continue;
    if (c->state == CONNECTING) { connected(c); continue; }
#ifdef WITH_TLS
    if (c->state == TLS_HANDSHAKE) { tls_handshake(c); continue; }
#endif
    if (events[i].events & EPOLLOUT) flush(c);
    if (c->state != CLOSED && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
      if ((i & 15) == 15) now_ns = clock_ns();
      on_readable(c);
    }
  }
  if (count > 0) last_progress_ns = now_ns;
  feed();
  int has_written = dirty_count > 0;
  flush_dirty();
  /* A spinning wait costs nothing that the load needs; waking up and everything after it does. */
  if (count > 0 || has_written) busy_ns += clock_ns() - (timeout_ms == 0 ? before : woken);
  return has_command;
}

static void await_command(const char *expected) {
  char line[64];
  for (;;) {
    if (!turn(-1)) continue;
    ssize_t n = read(0, line, sizeof line - 1);
    if (n <= 0) exit(0);
    line[n] = 0;
    if (strncmp(line, expected, strlen(expected)) == 0) return;
    errno = 0;
    fail("unexpected command");
  }
}

static void begin_traffic(void) {
  publications = in_flight = messages = others = extra = lost = closed_by_server = busy_ns = histogram_total = 0;
  min_length = UINT64_MAX;
  max_length = 0;
  memset(histogram, 0, sizeof histogram);
  memset(ring_pending, 0, sizeof ring_pending);
  for (uint32_t i = 0; i < connection_count; i++) connections[i].received = connections[i].sent = connections[i].expected = 0;
  now_ns = started_ns = last_progress_ns = clock_ns();
  is_sending = 1;
  if (plan.mode == ECHO)
    for (uint32_t i = 0; i < connection_count; i++)
      for (uint32_t k = 0; k < plan.depth; k++) send_echo(&connections[i]);
  feed();
  flush_dirty();
}

static int has_all(void) {
  if (plan.mode == FAN_OUT) return in_flight == 0;
  for (uint32_t i = 0; i < connection_count; i++)
    if (connections[i].received != connections[i].expected) return 0;
  return 1;
}

/*
 * Sends for the given time, then waits until everything has come back or nothing comes any more. On a machine that is
 * busy with other things it goes on until enough came back, for up to five times as long.
 */
static double traffic(uint32_t duration_ms) {
  int timeout = plan.flags & FLAG_SPIN ? 0 : 1;
  begin_traffic();
  uint64_t duration_ns = (uint64_t)duration_ms * 1000000ull, end = started_ns + duration_ns;
  while (now_ns < end || !may_stop() || (messages < plan.min_messages && now_ns < started_ns + 5 * duration_ns)) {
    turn(timeout);
    if (closed_by_server > 0 || now_ns - last_progress_ns > 10000000000ull) break;
  }
  is_sending = 0;
  while (!has_all() && closed_by_server == 0) {
    turn(timeout);
    if (now_ns - last_progress_ns > 5000000000ull) break;
  }
  double seconds = (double)(now_ns - started_ns) / 1e9;
  uint64_t worked_ns = busy_ns, quiet_since = now_ns = clock_ns();
  /* What comes now was said twice. */
  for (uint64_t seen = messages; now_ns - quiet_since < 20000000ull && extra == 0; seen = messages) {
    turn(5);
    if (messages != seen) quiet_since = now_ns;
  }
  busy_ns = worked_ns;
  if (plan.mode == FAN_OUT) {
    uint64_t wanted = publications * plan.subscribers;
    lost = wanted > messages - extra ? wanted - (messages - extra) : 0;
  } else {
    for (uint32_t i = 0; i < connection_count; i++) lost += connections[i].expected - connections[i].received;
  }
  return seconds;
}

static void report(const char *phase, double seconds) {
  printf("{\"phase\":\"%s\",\"seconds\":%.6f,\"busy\":%.6f,\"messages\":%llu,\"sent\":%llu,\"lost\":%llu,\"extra\":%llu,"
         "\"closed\":%llu,\"others\":%llu,\"minLength\":%llu,\"maxLength\":%llu,\"p50Us\":%.1f,\"p99Us\":%.1f,\"sample\":\"",
         phase, seconds, (double)busy_ns / 1e9, (unsigned long long)messages, (unsigned long long)publications,
         (unsigned long long)lost, (unsigned long long)extra, (unsigned long long)closed_by_server,
         (unsigned long long)others, (unsigned long long)(messages ? min_length : 0), (unsigned long long)max_length,
         percentile(0.5), percentile(0.99));
  for (uint32_t i = 0; i < sample_length; i++) printf("%02x", sample[i]);
  printf("\"}\n");
  fflush(stdout);
}

/* ---- the plan ---- */

static FILE *plan_file;
static uint32_t u32(void) {
  uint32_t value;
  if (fread(&value, 4, 1, plan_file) != 1) fail("the plan is too short");
  return value;
}
static struct blob read_blob(void) {
  struct blob b = { NULL, u32() };
  b.bytes = malloc(b.length + 1);
  if (b.length > 0 && fread(b.bytes, b.length, 1, plan_file) != 1) fail("the plan is too short");
  return b;
}

static void read_plan(const char *path) {
  plan_file = fopen(path, "rb");
  if (!plan_file) fail("the plan cannot be opened");
  plan.mode = u32(); plan.flags = u32(); plan.concurrency = u32(); plan.min_message = u32();
  plan.depth = u32(); plan.subscribers = u32(); plan.warm_ms = u32(); plan.run_ms = u32(); plan.min_messages = u32();
  plan.channel_offset = u32();
  plan.interval_ns = (uint64_t)u32() * 1000ull;
  heartbeat_count = u32();
  heartbeats = calloc(heartbeat_count + 1, sizeof *heartbeats);
  for (uint32_t i = 0; i < heartbeat_count; i++) { heartbeats[i].ping = read_blob(); heartbeats[i].pong = read_blob(); }
  blob_count = u32();
  blobs = calloc(blob_count + 1, sizeof *blobs);
  for (uint32_t i = 0; i < blob_count; i++) blobs[i] = read_blob();
  upgrade = u32();
  connection_count = u32();
  connections = calloc(connection_count + 1, sizeof *connections);
  dirty = calloc(connection_count + 1, sizeof *dirty);
  for (uint32_t i = 0; i < connection_count; i++) {
    struct connection *c = &connections[i];
    c->port = u32();
    c->step_count = u32();
    c->steps = calloc(c->step_count + 1, sizeof *c->steps);
    for (uint32_t k = 0; k < c->step_count; k++) { c->steps[k].blob = u32(); c->steps[k].frames = u32(); }
    if (plan.mode == ECHO) c->sent_at = calloc(plan.depth, sizeof *c->sent_at);
  }
  template_count = u32();
  templates = calloc(template_count + 1, sizeof *templates);
  for (uint32_t i = 0; i < template_count; i++) { templates[i].connection = u32(); templates[i].blob = u32(); }
  fclose(plan_file);
  if (plan.channel_offset && template_count > RING) fail("the plan has too many channels");
}

int main(int argc, char **argv) {
  if (argc != 2) { fprintf(stderr, "usage: load <plan>\n"); return 2; }
  read_plan(argv[1]);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
#ifdef WITH_TLS
  if (plan.flags & FLAG_TLS) {
    tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(tls, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  }
#else
  if (plan.flags & FLAG_TLS) { fprintf(stderr, "load: built without TLS\n"); return 2; }
#endif
  buffer = malloc(ROOM + READ_BYTES);
  epoll_fd = epoll_create1(0);
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
  if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &event) < 0) fail("stdin must be a pipe");

  await_command("connect");
  uint64_t begun = clock_ns();
  busy_ns = 0;
  while (opened < connection_count) {
    while (opening < plan.concurrency && next_to_open < connection_count) start_connection(&connections[next_to_open++]);
    turn(opened + opening < connection_count ? 0 : 1000);
    if (clock_ns() - begun > 60000000000ull) { errno = 0; fail("connecting took more than a minute"); }
  }
  report("connected", (double)(clock_ns() - begun) / 1e9);
  if (plan.mode != CONNECT) {
    await_command("warm");
    report("warm", traffic(plan.warm_ms));
    await_command("run");
    is_measured = 1;
    report("done", traffic(plan.run_ms));
  }
  await_command("end");
  return 0;
}
