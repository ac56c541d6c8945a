/** The app on the device: the service worker behind the page, and word of a new version. */
import { program } from './programs.ts';

class Install {
  /** A new version lies ready; it takes over when the person says so, or when all pages are closed. */
  ready = $state(false);
  #waiting: ServiceWorker | null = null;

  /** Once, after the first rows. Browsers without service workers have the app with a network only. */
  async begin(): Promise<void> {
    if (!('serviceWorker' in navigator)) return;
    try {
      const registration = await navigator.serviceWorker.register(program('/worker.js'));
      this.#see(registration);
      registration.addEventListener('updatefound', () => this.#see(registration));
      // Pages stay open for weeks: the browser itself looks only when one is opened.
      setInterval(() => void registration.update().catch(() => undefined), 60 * 60_000);
    } catch {
      // Private windows and old certificates have none.
    }
  }

  takeOver(): void {
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    this.#waiting?.postMessage('take-over');
  }

  #see(registration: ServiceWorkerRegistration): void {
    const note = (worker: ServiceWorker | null): void => {
      // The first one of all replaces nothing.
      if (!worker || !navigator.serviceWorker.controller) return;
      this.#waiting = worker;
      this.ready = true;
    };
    if (registration.waiting) note(registration.waiting);
    const coming = registration.installing;
    coming?.addEventListener('statechange', () => coming.state === 'installed' && note(registration.waiting));
  }
}

export const install = new Install();
