// The menus. A test checks that they contain every page.
import { publishedPackages } from './pages.mjs';

const section = (text, directory, pages) => ({
  text,
  items: Object.entries(pages).map(([file, title]) => ({ text: title, link: `${directory}/${file}` })),
});

const start = section('Start', '', { 'getting-started': 'Getting started', concepts: 'Concepts' });

const guides = section('Guides', '/guide', {
  authentication: 'Authentication',
  middleware: 'Middleware',
  channels: 'Channels',
  history: 'History and recovery',
  presence: 'Presence',
  react: 'React',
  sessions: 'Sessions',
  ndata: 'nData, the store',
  tls: 'TLS',
  deployment: 'Deployment',
  scaling: 'Scaling',
  testing: 'Testing',
  security: 'Security',
  recipes: 'Recipes',
});

const migration = section('Migration', '/migration', {
  'socketcluster-1-2': 'SocketCluster 1 and 2',
  'socketcluster-5-14': 'SocketCluster 5 to 14',
  'socketcluster-15-20': 'SocketCluster 15 to 20',
  'socket-io': 'socket.io',
});

const reference = {
  text: 'Reference',
  items: [
    ...section('', '', {
      options: 'Options',
      configuration: 'Configuration',
      errors: 'Errors',
      'close-codes': 'Close codes',
      events: 'Events',
      metrics: 'Metrics',
      performance: 'Performance',
      soak: 'Memory over time',
      faults: 'Fault tolerance',
      architecture: 'Architecture',
    }).items,
    { text: 'Benchmarks', link: '/benchmarks/' },
    { text: 'Protocol', link: '/reference/protocol' },
  ],
};

const packages = {
  text: 'Packages',
  collapsed: true,
  items: publishedPackages.map((name) => ({ text: name, link: `/reference/${name}` })),
};

const api = {
  text: 'Types',
  collapsed: true,
  items: publishedPackages
    .filter((name) => name !== 'sc-cli')
    .map((name) => ({ text: name, link: `/reference/api/${name}` })),
};

const project = {
  text: 'The project',
  items: [
    { text: 'Contributing', link: '/reference/contributing' },
    { text: 'Security policy', link: '/reference/reporting' },
  ],
};

export const navigation = {
  nav: [
    { text: 'Start', link: '/getting-started' },
    { text: 'Guides', link: '/guide/authentication' },
    { text: 'Options', link: '/options' },
  ],
  sidebar: [start, guides, migration, reference, packages, api, project],
};
