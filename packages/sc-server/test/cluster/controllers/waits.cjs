// A store that starts only while the file that it is given as an option does not exist.
const { existsSync } = require('node:fs');

exports.run = async (store) => {
  while (existsSync(store.options.unless)) await new Promise((resolve) => setTimeout(resolve, 20));
};
