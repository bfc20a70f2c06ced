'use strict';

// Serves pages: at once, or for `/slow` after half a second; says who leads.
exports.run = (worker) => {
  const answerOf = ({ url, socket }) => {
    if (url === '/leader') return JSON.stringify({ pid: process.pid, leads: worker.isLeader });
    return url === '/address' ? String(socket.remoteAddress) : String(process.pid);
  };
  worker.httpServer.on('request', (request, response) => {
    request.resume().on('end', () => {
      if (request.url !== '/slow') {
        response.end(answerOf(request));
        return;
      }
      worker.sendToMaster('slow');
      setTimeout(() => response.end('slow'), 500);
    });
  });
};
