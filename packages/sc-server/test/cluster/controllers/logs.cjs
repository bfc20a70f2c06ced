// Logs as debug whatever the supervisor sends.
exports.run = (worker) => worker.on('masterMessage', (text) => worker.logger.debug(text));
