import { Clock } from '#libs/kernel/clock.js';
import type { Alternative } from '#libs/kernel/errors.js';
import type { WallMinutes } from '../domain/calendar.js';
import type { ToldRules } from '../domain/refusals.js';
import { alternativesTo, type JudgedVisit } from '../domain/series.js';
import { SeriesRequests, type SeriesInput } from './series-requests.js';

export interface PreviewedVisit extends JudgedVisit {
  /** The nearest free time; null where nothing refuses the visit, or nothing is free near it. */
  alternative: Alternative | null;
}

export interface SeriesPreview {
  timeZone: string;
  time: WallMinutes;
  visits: readonly PreviewedVisit[];
  /** Under which they are refused. */
  rules: ToldRules;
}

/** What a series would meet if it were scheduled now. Nothing is kept, nor held for anyone. */
export class PreviewSeries {
  constructor(
    private readonly requests: SeriesRequests,
    private readonly clock: Clock,
  ) {}

  /** Throws what scheduling throws, but for SeriesRefused. */
  async execute(input: SeriesInput): Promise<SeriesPreview> {
    const asked = await this.requests.ask(input);
    const now = this.clock.now();
    const { policy, request, beside, visits, mayHearOfPatient } = await this.requests.judge(asked, now);
    const refused = visits.filter(({ refusals }) => refusals.length > 0).map(({ date }) => date);
    // Free times tell when the patient is not busy.
    const alternatives = alternativesTo(mayHearOfPatient ? refused : [], policy, request, beside, now);
    return {
      timeZone: policy.zone.name,
      time: request.time,
      visits: visits.map((visit) => ({ ...visit, alternative: alternatives.get(visit.date) ?? null })),
      rules: policy.toldFor(request),
    };
  }
}
