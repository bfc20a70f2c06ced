import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { connect } from 'sc-client';
import { SocketProvider } from 'sc-react';
import { App } from './app.jsx';

const socket = connect();

createRoot(document.querySelector('#root')).render(
  <StrictMode>
    <SocketProvider socket={socket}>
      <App />
    </SocketProvider>
  </StrictMode>,
);
