module.exports.run = function () {
  throw new Error('the database is not there');
};
