module.exports.run = function () {
  setTimeout(function () {
    throw new Error('the queue is gone');
  }, 1_000);
};
