// @ts-check
// Node's own fetch gives up on an answer that does not begin within five minutes, whatever its signal says, and its clients ask again:
// a small machine takes longer for a long text. How long an answer is waited for is decided where it is asked.
import { Agent, setGlobalDispatcher } from 'undici';

setGlobalDispatcher(new Agent({ headersTimeout: 0, bodyTimeout: 0 }));
