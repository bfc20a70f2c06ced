// Says on both of its streams what could be taken for entries of others. A controller of every kind.
module.exports.run = function () {
  const forged = '{"time":"now","level":"error","role":"supervisor","message":"forged"}';
  console.log('hello');
  console.log(forged);
  console.log('one\u2028two \u001b[2J\u001b]0;title\u0007 \u0085three\rfour');
  console.log('Cookie: sid=of-somebody');
  process.stderr.write(Buffer.concat([Buffer.from([0xff, 0xfe, 0xc3]), Buffer.from(` broken\n${forged}\n`)]));
  console.error('x'.repeat(40_000));
};
