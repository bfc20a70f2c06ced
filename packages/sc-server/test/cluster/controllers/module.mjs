export function run(worker) {
  worker.httpServer.on('request', (_request, response) => response.end('from a module'));
}
