// Prints 10,000 characters at a time, as often as it is asked to.
exports.run = ({ httpServer }) => {
  httpServer.on('request', async ({ url }, response) => {
    const writes = Number(new URL(url, 'http://x').searchParams.get('writes'));
    for (let i = 0; i < writes; i++) {
      console.log('x'.repeat(10_000));
      if (i % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
    }
    response.end('flooded');
  });
};
