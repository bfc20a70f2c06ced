// The search of the site: synonyms for its sections, and the rank of its pages.

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

/** Adds the synonyms of each section behind its heading, for the index of the search only. */
export function indexedHtml(page, html) {
  return Object.entries(synonyms)
    .map(([section, words]) => [...section.split('#'), words])
    .filter(([file]) => file === page)
    .reduce((text, [, anchor, words]) => {
      const heading = new RegExp(`<h([1-6]) id="${anchor}"[^]*?</h\\1>`);
      if (!heading.test(text)) throw new Error(`No section ${anchor} in ${page}: see docs/site/search.mjs`);
      return text.replace(heading, (found) => `${found}<p>${words}</p>`);
    }, html);
}

/** Ranks the pages of types below all others, which explain. VitePress sends this function to the browser as text. */
export const searchOptions = {
  boostDocument: (id) => (id.includes('/reference/api/') ? 0.1 : id.includes('/benchmarks/') ? 0.5 : 1),
};
