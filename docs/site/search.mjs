// The search of the site: synonyms for its sections, and the rank of its pages.
import { withTable } from './with-table.mjs';

/** Words that people search for, by the section that answers them. The section itself need not contain the words. */
export const synonyms = {
  'getting-started.md#getting-started': 'install setup quickstart tutorial hello world',
  'concepts.md#concepts': 'architecture overview master slave broker',
  'concepts.md#delivery-guarantees': 'at most once at least once exactly once QoS reliability message loss ordering',
  'guide/authentication.md#authentication': 'login logout JWT JSON web token password OAuth SSO OpenID',
  'guide/authentication.md#authorize-clients': 'permissions access control ACL roles rights',
  'guide/authentication.md#expiry-and-revocation': 'refresh token logout everywhere ban user',
  'guide/channels.md#channels': 'pub/sub pubsub topic topics room rooms broadcast subscribe publish namespace',
  'guide/channels.md#on-the-server': 'leader election cron job scheduler singleton',
  'guide/deployment.md#deployment': 'production Docker Kubernetes k8s systemd pm2 hosting',
  'guide/deployment.md#signals': 'zero downtime rolling restart graceful shutdown hot reload drain',
  'guide/deployment.md#health': 'liveness readiness probe health check healthcheck',
  'guide/deployment.md#metrics-and-monitoring': 'observability alerts',
  'guide/middleware.md#middleware': 'hooks interceptor filter authorization guard validation',
  'guide/ndata.md#ndata-the-store': 'database cache key value Redis shared state TTL',
  'guide/ndata.md#presence': 'online users who is online members join leave typing',
  'guide/react.md#react': 'hooks useEffect StrictMode Next.js Vite SSR front end component',
  'guide/recipes.md#rooms-and-broadcast': 'send to all users send to one user private message direct message group',
  'guide/recipes.md#binary-data': 'MessagePack msgpack Buffer ArrayBuffer Uint8Array Blob image audio',
  'guide/recipes.md#file-upload': 'files attachment multipart image upload large message too big 1009',
  'guide/recipes.md#cors': 'cross-origin 403 forbidden Access-Control-Allow-Origin',
  'guide/recipes.md#disconnects-behind-a-proxy': 'nginx HAProxy Apache reverse proxy timeout 60 seconds 502 1006',
  'guide/scaling.md#scaling':
    'cluster load balancing performance capacity multi-core horizontal vertical several servers Redis adapter',
  'guide/scaling.md#overload-protection': 'rate limit throttle DDoS flood backpressure',
  'guide/security.md#security': 'hardening XSS CSRF injection OWASP',
  'guide/sessions.md#sessions': 'cookie express-session visitor',
  'guide/testing.md#testing': 'unit test jest vitest mocha integration test',
  'guide/tls.md#tls-and-https': 'HTTPS SSL WSS certificate secure encryption',
  'metrics.md#metrics': 'metrics monitoring Prometheus Grafana OpenTelemetry observability alerts dashboard',
  'guide/tls.md#renewing-certificates': "Let's Encrypt certbot ACME",
};

/**
 * The section that comes first for a word, where the rank by words alone puts another one there. The words are added to
 * the section like synonyms.
 */
export const answers = {
  presence: 'guide/presence.md#presence',
  online: 'guide/presence.md#presence',
  history: 'guide/history.md#history-and-recovery',
  recovery: 'guide/history.md#history-and-recovery',
  offline: 'guide/history.md#history-and-recovery',
  reconnect: 'guide/history.md#what-a-returning-client-receives',
  store: 'guide/ndata.md#ndata-the-store',
  upgrade: 'guide/deployment.md#signals',
  broadcast: 'guide/recipes.md#rooms-and-broadcast',
  react: 'guide/react.md#react',
  metrics: 'metrics.md#metrics',
  prometheus: 'metrics.md#metrics',
  grafana: 'metrics.md#metrics',
  binary: 'guide/recipes.md#binary-data',
  messagepack: 'guide/recipes.md#binary-data',
  kick: 'guide/deployment.md#connected-clients',
  ban: 'guide/deployment.md#connected-clients',
  docker: 'guide/deployment.md#deployment',
  kubernetes: 'guide/deployment.md#deployment',
  production: 'guide/deployment.md#deployment',
  redis: 'guide/scaling.md#horizontal-scaling-several-machines',
  nats: 'guide/scaling.md#horizontal-scaling-several-machines',
  scaling: 'guide/scaling.md#scaling',
  middleware: 'guide/middleware.md#middleware',
  session: 'guide/sessions.md#sessions',
  sessions: 'guide/sessions.md#sessions',
  tls: 'guide/tls.md#tls-and-https',
  rate: 'guide/scaling.md#overload-protection',
  throttle: 'guide/scaling.md#overload-protection',
  jwt: 'guide/authentication.md#authentication',
  login: 'guide/authentication.md#log-in-over-the-socket',
  health: 'guide/deployment.md#health',
  options: 'options.md#options',
  errors: 'errors.md#errors',
  typing: 'guide/channels.md#on-the-client',
  migrate: 'migration/socketcluster-5-14.md#from-socketcluster-5-–-14',
  install: 'getting-started.md#getting-started',
  tutorial: 'getting-started.md#getting-started',
  nginx: 'guide/recipes.md#disconnects-behind-a-proxy',
  restart: 'guide/deployment.md#signals',
  graceful: 'guide/deployment.md#signals',
};

/** Adds the synonyms of each section behind its heading, for the index of the search only. */
export function indexedHtml(page, html) {
  const words = Object.entries(answers).map(([word, section]) => [section, word]);
  return [...Object.entries(synonyms), ...words]
    .map(([section, words]) => [...section.split('#'), words])
    .filter(([file]) => file === page)
    .reduce((text, [, anchor, words]) => {
      const heading = new RegExp(`<h([1-6]) id="${anchor}"[^]*?</h\\1>`);
      if (!heading.test(text)) throw new Error(`No section ${anchor} in ${page}: see docs/site/search.mjs`);
      return text.replace(heading, (found) => `${found}<p> ${words} </p>`);
    }, html);
}

/** The answers by the id that a section has in the index. */
const ids = Object.fromEntries(
  Object.entries(answers).map(([word, section]) => [word, `/${section.replace(/\.md#/, '.html#')}`]),
);

/** Ranks benchmarks below the pages that explain, and each answer first. */
export const searchOptions = {
  boostDocument: withTable(ids, (answers, id, term) => {
    if (Object.hasOwn(answers, term) && answers[term] === id) return 20;
    return id.includes('/benchmarks/') ? 0.5 : 1;
  }),
};
