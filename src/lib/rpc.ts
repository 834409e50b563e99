/** Worker calls as ordinary method calls. The only file that names comlink. */
export { expose, proxy, releaseProxy, wrap, type Remote } from 'comlink';
