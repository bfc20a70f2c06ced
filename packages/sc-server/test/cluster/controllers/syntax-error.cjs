module.exports.run = function (worker) {
  const broken = ;
};
