// Counts the clients of the whole cluster: queries every worker and adds up the answers.

const askChannel = 'internal/clients/ask';
const answerDeadlineMs = 2000;

/** Answers the queries of other workers, and returns a function that queries all of them. */
export function countClients(scServer, { id, workers }) {
  if (workers === 0) return async () => scServer.clientsCount;
  const { exchange } = scServer;
  const ownChannel = `internal/clients/of/${id}`;
  const questions = new Map();
  let lastQuestion = 0;

  exchange.subscribe(askChannel).watch(({ from, question }) => {
    exchange.publish(`internal/clients/of/${from}`, { question, worker: id, clients: scServer.clientsCount });
  });
  exchange.subscribe(ownChannel).watch(({ question, worker, clients }) => questions.get(question)?.(worker, clients));

  return () =>
    new Promise((resolve) => {
      const question = ++lastQuestion;
      const answers = new Map();
      const finish = () => {
        clearTimeout(timer);
        questions.delete(question);
        resolve([...answers.values()].reduce((total, clients) => total + clients, 0));
      };
      // A worker that is down has no clients and does not answer.
      const timer = setTimeout(finish, answerDeadlineMs);
      questions.set(question, (worker, clients) => {
        answers.set(worker, clients);
        if (answers.size === workers) finish();
      });
      exchange.publish(askChannel, { from: id, question });
    });
}
