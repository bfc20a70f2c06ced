import { defineConfig } from 'vitepress';
import { diagrams } from '../site/diagram.mjs';
import { navigation } from '../site/navigation.mjs';
import { editPattern, repositoryLinks, rewrites } from '../site/pages.mjs';
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
    editLink: { pattern: editPattern, text: 'Edit this page' },
    search: {
      provider: 'local',
      options: {
        miniSearch: { searchOptions },
        // Pages of types are generated from the code, and would hide the guides that explain it.
        _render: (source, env, markdown) => {
          const html = markdown.render(source, env);
          return env.relativePath.startsWith('reference/api/') ? '' : indexedHtml(env.relativePath, html);
        },
      },
    },
    socialLinks: [{ icon: 'github', link: 'https://github.com/SocketCluster/socketcluster' }],
    footer: { message: 'MIT licence' },
  },
});
