// Every published client that is driven here, by version: how to load it and which way of using it it has.
'use strict';

module.exports = {
  'sc2-2.2.6': { load: () => require('sc2-client-2.2.6'), era: 'callback' },
  '2.2.25': { load: () => require('socketcluster-client-2.2.25'), era: 'callback' },
  '2.4.1': { load: () => require('socketcluster-client-2.4.1'), era: 'callback' },
  '3.1.1': { load: () => require('socketcluster-client-3.1.1'), era: 'callback' },
  '4.0.0': { load: () => require('socketcluster-client-4.0.0'), era: 'callback' },
  '4.3.19': { load: () => require('socketcluster-client-4.3.19'), era: 'callback' },
  '5.5.2': { load: () => require('socketcluster-client-5.5.2'), era: 'callback' },
  '9.0.4': { load: () => require('socketcluster-client-9.0.4'), era: 'callback' },
  '14.3.2': { load: () => require('socketcluster-client-14.3.2'), era: 'callback' },
  '15.1.0': { load: () => require('socketcluster-client-15.1.0'), era: 'stream' },
  '16.1.1': { load: () => require('socketcluster-client-16.1.1'), era: 'stream' },
  '18.3.0': { load: () => require('socketcluster-client-18.3.0'), era: 'stream' },
  '20.0.2': { load: () => require('socketcluster-client-20.0.2'), era: 'stream' },
};
