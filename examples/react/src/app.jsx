import { useCall, useConnectionState, useSocket, useSynced } from 'sc-react';

export function App() {
  const socket = useSocket();
  // Loaded once, and again if changes were missed; after that, every publication adds an item.
  const { state: items = [] } = useSynced('items', {
    load: () => socket.invoke('items'),
    apply: (known, item) => [...known, item],
  });
  const isConnected = useConnectionState() === 'open';
  const { call, error, isPending } = useCall('add');

  function add(event) {
    event.preventDefault();
    const form = event.currentTarget;
    call(new FormData(form).get('text')).then(
      () => form.reset(),
      () => undefined, // shown below
    );
  }

  return (
    <main>
      <h1>Shopping list</h1>
      <p role="status">{isConnected ? 'Connected' : 'Connecting …'}</p>
      <ul>
        {items.map(({ id, text }) => (
          <li key={id}>{text}</li>
        ))}
      </ul>
      <form onSubmit={add}>
        <input name="text" aria-label="Item to buy" required />
        <button disabled={isPending}>Add</button>
      </form>
      {error && <p role="alert">{error.message}</p>}
    </main>
  );
}
