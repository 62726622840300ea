import {
  applyDecorators,
  createParamDecorator,
  Injectable,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
  type OnApplicationBootstrap,
  type Type,
} from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { ApiBearerAuth, ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Forbidden } from '#libs/kernel/errors.js';
import { NotAuthenticated } from '../domain/errors.js';
import { JwtStrategy } from './jwt.strategy.js';
import { Pseudonyms } from './pseudonyms.js';
import { ROLES, type Actor, type Role } from '../domain/user.js';

const ACCESS = 'access';
const HTTP_METHOD = 'method';

/** Everyone may call this, without a token. */
export function Public(): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(ACCESS, 'public'), ApiSecurity({}));
}

/** Signed-in users of these roles may call this; which things they may see, the use case decides. */
export function Roles(...roles: readonly [Role, ...Role[]]): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(ACCESS, roles), ApiBearerAuth(), ApiExtension('x-roles', roles));
}

/** Any signed-in user may call this. */
export function SignedIn(): MethodDecorator & ClassDecorator {
  return Roles(...(ROLES as unknown as [Role, ...Role[]]));
}

/** The actor of a route that is not public. */
export const CurrentActor = createParamDecorator(
  (_: unknown, context: ExecutionContext): Actor => context.switchToHttp().getRequest<{ user: Actor }>().user,
);

/** Denies by default: a request passes only where its route says for whom it is. */
@Injectable()
export class AccessGuard extends AuthGuard() implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    strategy: JwtStrategy,
    private readonly pseudonyms: Pseudonyms,
  ) {
    // By instance: by name, passport would ask the strategy of whichever application of this process started last.
    // A fresh one for each request, since passport writes into it how this request goes on; shared, requests at
    // once would be answered as each other's users.
    super({
      get defaultStrategy() {
        return Object.create(strategy) as string;
      },
    });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = accessOf(this.reflector, context.getHandler(), context.getClass());
    if (access === 'public') return true;
    await super.canActivate(context);
    const request = context.switchToHttp().getRequest<FastifyRequest & { user: Actor }>();
    const { user } = request;
    request.pseudonym = this.pseudonyms.of(user.userId);
    if (!access?.includes(user.role)) throw new Forbidden();
    return true;
  }

  override handleRequest<T>(error: unknown, user: T | false): T {
    if (error) throw error;
    if (!user) throw new NotAuthenticated();
    return user;
  }
}

/** Stops the start when a route does not say who may call it. */
@Injectable()
export class AccessDecisions implements OnApplicationBootstrap {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onApplicationBootstrap(): void {
    const undecided = this.discovery.getControllers().flatMap(({ metatype }) => {
      const prototype = metatype?.prototype as Record<string, unknown> | undefined;
      if (!metatype || !prototype) return [];
      return this.scanner
        .getAllMethodNames(prototype)
        .map((name) => ({ name, handler: prototype[name] as () => unknown }))
        .filter(({ handler }) => Reflect.hasMetadata(HTTP_METHOD, handler))
        .filter(({ handler }) => accessOf(this.reflector, handler, metatype as Type) === undefined)
        .map(({ name }) => `${metatype.name}.${name}`);
    });
    if (undecided.length > 0) {
      throw new Error(
        `No access decision on ${undecided.join(', ')}: say @Public(), @SignedIn() or @Roles(…).`,
      );
    }
  }
}

type Handler = Parameters<Reflector['getAllAndOverride']>[1][number];

function accessOf(reflector: Reflector, handler: Handler, controller: Type) {
  return reflector.getAllAndOverride<'public' | readonly Role[] | undefined>(ACCESS, [handler, controller]);
}
