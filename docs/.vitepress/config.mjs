import { defineConfig } from 'vitepress';
import { diagrams } from '../site/diagram.mjs';
import { navigation } from '../site/navigation.mjs';
import { repositoryLinks, rewrites } from '../site/pages.mjs';
import { indexedHtml, searchOptions } from '../site/search.mjs';

export default defineConfig({
  title: 'SocketCluster',
  description: 'A realtime and HTTP server cluster for Node.js',
  lang: 'en',
  srcExclude: ['node_modules/**'],
  rewrites,
  ignoreDeadLinks: 'localhostLinks',
  markdown: {
    config(markdown) {
      markdown.use(diagrams).use(repositoryLinks);
    },
  },
  themeConfig: {
    ...navigation,
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        miniSearch: { searchOptions },
        _render: (source, env, markdown) => indexedHtml(env.relativePath, markdown.render(source, env)),
      },
    },
    socialLinks: [{ icon: 'github', link: 'https://github.com/SocketCluster/socketcluster' }],
    footer: { message: 'MIT licence' },
  },
});
