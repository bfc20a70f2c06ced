export { checkHistory } from './check-history.js';
export { describeHistory } from './describe-history.js';
export { HistoryRecorder } from './history-recorder.js';

export type { HistoryFault, HistoryReport } from './check-history.js';
export type { FaultKind } from './check-subscription.js';
export type {
  AckEvent,
  AttemptEvent,
  DeliverEvent,
  FailEvent,
  GapEvent,
  HistoryEvent,
  HistoryPosition,
  LeaveEvent,
  PositionEvent,
  SubscribeEvent,
} from './history-event.js';
export type { RecordedChannel } from './history-recorder.js';
