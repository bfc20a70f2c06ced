// Fastify answers the HTTP requests of this worker; the cluster handles sockets and channels.
import Fastify from 'fastify';

export async function run({ id, exchange, httpServer, scServer }) {
  // Fastify does not listen: it receives its requests from the worker's HTTP server.
  const serverFactory = (handler) => httpServer.on('request', handler);
  const app = Fastify({ serverFactory, bodyLimit: 1024 });

  app.get('/', async () => ({ worker: id, clients: scServer.clientsCount }));

  const news = { type: 'object', required: ['title'], properties: { title: { type: 'string', maxLength: 100 } } };
  app.post('/news', { schema: { body: news } }, async (request, reply) => {
    await exchange.publish('news', request.body);
    return reply.code(204).send();
  });

  scServer.addMiddleware(scServer.MIDDLEWARE_PUBLISH_IN, async () => {
    throw new Error('Please send news with POST /news');
  });

  // All routes are registered. The worker accepts connections when this function has settled.
  await app.ready();
}
