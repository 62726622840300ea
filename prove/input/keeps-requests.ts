import { serve } from '../support/other-product.js';

/** The control's program: the product, but that it forgets no request. */
const kept: unknown[] = [];
await serve(
  (builder) => builder,
  (app) =>
    app
      .getHttpAdapter()
      .getInstance()
      .addHook('onRequest', async (request) => {
        kept.push(request);
      }),
);
