// One published client in a process of its own, driven over IPC: commands come in, answers and events go out.
'use strict';

const clients = require('./clients.cjs');
const starters = { callback: require('./callback-era.cjs'), stream: require('./stream-era.cjs') };

let client;

const tell = (event, args) => process.send({ event, args: args.map(plain) });

const commands = {
  start(version, options, codec) {
    const { load, era } = clients[version];
    const codecEngine = codec === 'min-bin' ? require('sc-codec-min-bin') : undefined;
    client = starters[era](load(), codecEngine ? { ...options, codecEngine } : options, tell);
  },
};

process.on('message', async ({ id, command, args }) => {
  try {
    const result = await (commands[command] ?? client[command])(...args);
    process.send({ id, result: plain(result) });
  } catch (error) {
    process.send({ id, error: plain(error) });
  }
});
process.on('disconnect', () => process.exit());
// As in a page, an exception outside of any call would end the script.
process.on('uncaughtException', (error) => tell('uncaught', [error]));
process.on('unhandledRejection', (error) => tell('uncaught', [error]));

function plain(value) {
  if (value instanceof Error) return { ...value, name: value.name, message: value.message, isError: true };
  if (value instanceof ArrayBuffer || Buffer.isBuffer(value)) return { bytes: Buffer.from(value).toString('hex') };
  return JSON.parse(JSON.stringify(value) ?? 'null');
}
