import { useState } from 'react';
import { socket, useChannel, useConnected } from './socket.js';

export function App() {
  const items = useChannel('items', () => socket.invoke('items')) ?? [];
  const isConnected = useConnected();
  const [problem, setProblem] = useState('');

  async function add(event) {
    event.preventDefault();
    const form = event.currentTarget;
    try {
      await socket.invoke('add', new FormData(form).get('text'));
      form.reset();
      setProblem('');
    } catch (error) {
      setProblem(error.message);
    }
  }

  return (
    <main>
      <h1>Shopping list</h1>
      <p role="status">{isConnected ? 'Connected' : 'Connecting …'}</p>
      <ul>
        {items.map((item, index) => (
          <li key={index}>{item}</li>
        ))}
      </ul>
      <form onSubmit={add}>
        <input name="text" aria-label="Item to buy" required />
        <button>Add</button>
      </form>
      {problem && <p role="alert">{problem}</p>}
    </main>
  );
}
