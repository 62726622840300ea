import { Controller, Get, Module, type Type } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { Public, Roles, SignedIn } from '../../src/identity/index.js';
import { startApp } from '../support/app.js';
import { Client } from '../support/client.js';

@Controller('extra')
class Undecided {
  @Get()
  read() {
    return {};
  }
}

@Controller('extra')
class HalfDecided {
  @Get()
  @Public()
  read() {
    return {};
  }

  @Get('more')
  more() {
    return {};
  }
}

@Controller('extra')
class Inherited extends Undecided {}

@Controller('extra')
class DecidedOnTheRoute {
  @Get()
  @Public()
  read() {
    return {};
  }
}

@Public()
@Controller('extra')
class DecidedOnTheClass {
  @Get()
  read() {
    return {};
  }
}

@Public()
@Controller('extra')
class Overridden {
  @Get()
  @SignedIn()
  read() {
    return {};
  }
}

@Roles('admin')
@Controller('extra')
class ForAdmins {
  @Get()
  read() {
    return {};
  }
}

@Module({})
class Extra {}

const startWith = (controller: Type) => startApp({ imports: [{ module: Extra, controllers: [controller] }] });

describe('a route without an access decision stops the start', () => {
  test.each([
    ['Undecided.read', Undecided],
    ['HalfDecided.more', HalfDecided],
    ['Inherited.read', Inherited],
  ])('%s', async (route, controller) => {
    await expect(startWith(controller)).rejects.toThrow(`No access decision on ${route}:`);
  });
});

describe('with a decision the same route starts, and is what the decision says', () => {
  test.each([
    ['public on the route', DecidedOnTheRoute, 200],
    ['public on the class', DecidedOnTheClass, 200],
    ['public on the class, signed in on the route', Overridden, 401],
    ['for admins', ForAdmins, 401],
  ])('%s', async (_, controller, toStranger) => {
    const running = await startWith(controller);
    try {
      expect((await new Client(running.app).get('/extra/')).status).toBe(toStranger);
    } finally {
      await running.close();
    }
  });
});
