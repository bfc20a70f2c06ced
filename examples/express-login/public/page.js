// Logs in over HTTP, and uses the token for the requests and for the socket of the page.
const status = document.querySelector('#status');
const loginForm = document.querySelector('#login');
const noteForm = document.querySelector('#note');
let token = '';

async function post(route, fields) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const response = await fetch(route, { method: 'POST', headers, body: JSON.stringify(fields) });
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

/** Submits a form without leaving the page, and shows an error in the status. */
function onSubmit(form, submit) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      await submit(Object.fromEntries(new FormData(form)));
    } catch (error) {
      status.textContent = error.message;
    }
  });
}

onSubmit(loginForm, async (fields) => {
  ({ token } = await post('login', fields));
  const socket = socketCluster.connect();
  await socket.authenticate(token);
  socket.subscribe('notes').watch(({ from, text }) => {
    const item = document.createElement('li');
    item.textContent = `${from}: ${text}`;
    document.querySelector('#notes').append(item);
  });
  status.textContent = `Logged in as ${await socket.invoke('whoami')}.`;
  loginForm.hidden = true;
  noteForm.hidden = false;
});

onSubmit(noteForm, async (fields) => {
  await post('notes', fields);
  noteForm.reset();
});
