/** Every public name of SocketCluster 1.3 and 2.0 to 2.3, by the section of the page that documents its replacement. */
const words = (text: string) => text.trim().split(/\s+/);

export const originalNames: Readonly<Record<string, readonly string[]>> = {
  'Options of the constructor': words(`
    port balancers workers stores brokers appName instanceId secretKey authKey rebootWorkerOnCrash
    killWorkerMemoryThreshold protocol protocolOptions transports logLevel connectTimeout ackTimeout
    socketUpgradeTimeout pingInterval pingTimeout heartbeatInterval heartbeatTimeout maxHttpBufferSize maxHttpSockets
    origins matchOriginProtocol socketChannelLimit socketEventLimit pollingDuration workerStatusInterval
    processTermTimeout defaultAuthTokenExpiryInMinutes propagateErrors propagateNotices middlewareEmitNotices host
    tcpSynBacklog workerController balancerController storeController brokerController initController balancerOptions
    storeOptions brokerOptions rebootOnSignal useSmartBalancing downgradeToUser socketCookieName authCookieName path
    socketRoot schedulingPolicy allowClientPublish defaultWorkerDebugPort defaultStoreDebugPort defaultBrokerDebugPort
    httpServerModule clusterEngine deliveryTimeout deliveryRetryInitialDelay deliveryRetryMultiplier sessionTimeout
    sessionHeartRate addSessionToHTTPRequest addressSocketLimit killMasterOnSignal environment crashWorkerOnError
    authPrivateKey authPublicKey authAlgorithm authDefaultExpiry handshakeTimeout wsEngine perMessageDeflate
    ipcAckTimeout messageLogLevel`),
  'The cluster object': words(`
    EVENT_READY EVENT_FAIL EVENT_NOTICE EVENT_WORKER EVENT_INFO ready fail notice worker workerStart workerExit
    workerMessage brokerMessage info log triggerInfo killWorkers killStores killBrokers killBalancers sendToWorker
    sendToBroker`),
  'The worker': words(`
    id isLeader options httpServer scServer global getSCServer getHTTPServer getSocketURL getSocketPath getStatus open
    close auth setAuthEngine sendToMaster masterMessage MIDDLEWARE_START error notice exit ready connection req.global
    req.remoteAddress req.clientAddress`),
  'The balancer': words(`MIDDLEWARE_REQUEST MIDDLEWARE_UPGRADE MIDDLEWARE_ERROR`),
  Middleware: words(`
    addMiddleware removeMiddleware MIDDLEWARE_HANDSHAKE MIDDLEWARE_EMIT MIDDLEWARE_EVENT MIDDLEWARE_SUBSCRIBE
    MIDDLEWARE_PUBLISH MIDDLEWARE_PUBLISH_IN MIDDLEWARE_PUBLISH_OUT verifyHandshake verifyEvent verifyInboundEvent
    verifyOutboundEvent`),
  'The server': words(`
    clients clientsCount global exchange ackTimeout pingInterval pingTimeout allowClientPublish origins appName
    httpServer auth sourcePort secure host socketName close getPath generateId setAuthTokenVerifyOptionsFactory
    setAuthEngine attach listen connection disconnection notice error ready badAuthToken badSocketAuthToken handshake
    sessionEnd wsServer`),
  '`global`, now also `exchange`': words(`
    publish subscribe unsubscribe channel destroyChannel subscriptions isSubscribed watch unwatch watchers
    subscribeFail set expire unexpire add get getRange getAll count remove removeRange removeAll splice pop hasKey
    extractKeys extractValues stringify query run concat getExpiry registerDeathQuery setMapper getMapper map`),
  'The socket on the server': words(`
    id remoteAddress request server socket global state authToken cookie clientAddress channelSubscriptions
    channelSubscriptionCount getState getBytesReceived disconnect terminate send emitRaw sendObject emit on once off
    setAuthToken getAuthToken removeAuthToken kickOut subscriptions isSubscribed addMessageHandler error message raw
    subscribe unsubscribe badAuthToken ssid`),
  Sessions: words(`socket.session req.session emit transmit kickOut destroy setAuth getAuth clearAuth getSockets`),
  'Options of the client': words(`
    hostname port secure path query timestampRequests timestampParam ackTimeout initTimeout connectTimeout
    autoReconnect autoReconnectOptions autoProcessSubscriptions autoSubscribeOnConnect subscriptionRetryOptions
    authEngine authTokenName binaryType multiplex autoConnect channelPrefix codecEngine cloneData pubSubBatchDuration
    disconnectOnUnload pingTimeoutDisabled host protocolVersion batchOnHandshake wsOptions protocolScheme socketPath
    protocol initialDelay randomness multiplier maxDelay exponent`),
  'The socket on the client': words(`
    connect open disconnect reconnect getState getBytesReceived emit send publish subscribe unsubscribe channel
    destroyChannel subscriptions isSubscribed watch unwatch watchers processPendingSubscriptions authenticate
    removeAuthToken parse stringify SCSocket Emitter SCEmitter version connectFail connectAbort ready status error
    message raw kickOut subscribeFail setAuthToken fail dropOut subscribeRequest authStateChange deauthenticate
    subscribeStateChange authTokenChange includePending`),
  Channels: words(`
    name state UNSUBSCRIBED PENDING SUBSCRIBED getState subscribe unsubscribe isSubscribed publish watch unwatch
    watchers destroy subscribeFail kickOut subscribing subscribed`),
};
