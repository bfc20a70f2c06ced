module.exports.run = function (balancer) {
  balancer.addMiddleware(function (connection) {
    if (process.env.SC_TEST_DENIED === connection.remoteAddress.replace('::ffff:', '')) throw new Error('not you');
  });
};
