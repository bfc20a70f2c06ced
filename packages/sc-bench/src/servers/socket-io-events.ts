import type { Server } from 'socket.io';

interface EngineSocket {
  request: unknown;
}

/** The server side of the benchmark for socket.io, configured as its performance guide recommends. */
export function serveSocketIo(io: Server): void {
  // Release the initial HTTP request of each client to save memory.
  io.engine.on('connection', (socket: EngineSocket) => {
    socket.request = null;
  });
  io.on('connection', (socket) => {
    socket.on('subscribe', (channel: string, respond: () => void) => {
      void socket.join(channel);
      respond();
    });
    socket.on('publish', (channel: string, data: unknown) => {
      io.to(channel).emit('publication', channel, data);
    });
    socket.on('echo', (data: unknown, respond: (data: unknown) => void) => respond(data));
  });
}
