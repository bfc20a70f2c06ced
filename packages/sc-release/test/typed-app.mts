// One contract for both ends, compiled by a test and never run. Each marked mistake must be a compiler error.
import { createServer } from 'node:http';
import { connect } from 'sc-client';
import { SCServer, type SCSocket } from 'sc-server';

interface App {
  clientEvents: { typing: { channel: string } };
  serverEvents: { notice: string };
  procedures: { login(data: { name: string }): Promise<{ greeting: string }>; time(): number };
  clientProcedures: { confirm(question: string): boolean };
  channels: { lobby: string; [inbox: `user/${string}`]: { text: string } };
  authToken: { username: string };
}

const server = SCServer.attach<App>(createServer());
server.on('connection', (socket: SCSocket<App>) => {
  socket.on('typing', ({ channel }) => channel.length);
  // @ts-expect-error clients emit no such event
  socket.on('tiping', () => undefined);
  socket.handle('login', ({ name }) => Promise.resolve({ greeting: name }));
  // @ts-expect-error the answer is a number
  socket.handle('time', () => 'noon');
  socket.emit('notice', 'hello');
  // @ts-expect-error the payload is a text
  socket.emit('notice', 1);
  void socket.invoke('confirm', 'Sure?').then((sure: boolean) => sure);
});
void server.exchange.publish('lobby', 'hello');
void server.exchange.publish('user/ada', { text: 'hello' });
// @ts-expect-error the payload is an object
void server.exchange.publish('user/ada', 'hello');

const socket = connect<App>();
void socket.invoke('login', { name: 'Ada' }).then(({ greeting }) => greeting.length);
// @ts-expect-error there is no such procedure
void socket.invoke('logon', { name: 'Ada' });
socket.on('notice', (text) => text.length);
socket.subscribe('lobby').watch((text) => text.length);

const untyped = connect();
void untyped.invoke('anything', { goes: true });
SCServer.attach(createServer()).on('connection', (each) => {
  each.emit('anything', { goes: true });
});
