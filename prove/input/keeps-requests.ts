import 'reflect-metadata';
import { createApp } from '../../src/app.setup.js';
import { Config } from '../../src/config.js';
import { fillDemoClinic } from '../../src/demo/fill-demo-clinic.js';
import { Users } from '../../src/identity/index.js';

/** The control's program: the product, but that it forgets no request. */
const config = Config.parse(process.env);
const app = await createApp(config);
const fastify = app.getHttpAdapter().getInstance();
const kept: unknown[] = [];
fastify.addHook('onRequest', async (request) => {
  kept.push(request);
});
await fillDemoClinic(config, app.get(Users, { strict: false }));
await app.init();
console.log(await fastify.listen({ port: config.port, host: config.host }));
