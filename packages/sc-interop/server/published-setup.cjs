// Common parts of the published servers: options and the READY line.
'use strict';

const { PORT, OPTIONS = '{}' } = process.env;

/** The key stays the same over a restart, so that tokens do too. */
module.exports.serverOptions = { authKey: 'a key for tests that is long enough', ...JSON.parse(OPTIONS) };

module.exports.listen = function listen(httpServer) {
  httpServer.listen(Number(PORT), '127.0.0.1', () => {
    console.log(`READY ${JSON.stringify({ port: httpServer.address().port })}`);
  });
};
