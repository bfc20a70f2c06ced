module.exports.run = function (store) {
  store.on('masterMessage', function (data) {
    store.sendToMaster({ echoed: data, options: store.options });
  });
  store.on('publish', function (channel, data) {
    if (channel === 'watched') store.sendToMaster({ published: data });
  });
  store.defineProcedure('sum', function (context, numbers) {
    return numbers.reduce(function (sum, number) {
      return sum + number;
    }, 0);
  });
};
