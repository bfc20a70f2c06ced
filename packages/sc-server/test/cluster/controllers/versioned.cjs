// Answers with what its file says beside it when it was loaded, and slowly for /slow.
const version = require('node:fs').readFileSync(process.env.SC_TEST_VERSION_FILE, 'utf8');
if (version === 'broken') throw new Error('this version is broken');
module.exports.run = function (worker) {
  worker.httpServer.on('request', function (request, response) {
    if (request.url !== '/slow') return response.end(version);
    response.write('begun ');
    setTimeout(function () {
      response.end(version);
    }, 500);
  });
};
