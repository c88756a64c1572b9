/**
 * One coordinate of a track: a Kalman filter of place and velocity with white acceleration (Kalman, 1960; Bar-Shalom,
 * Li and Kirubarajan, "Estimation with Applications to Tracking and Navigation", 2001, 6.2).
 */
const OUTLIER = 1.5;

export class LineFilter {
  place: number;
  /** Per step. */
  velocity = 0;
  #pp: number;
  #pv = 0;
  #vv: number;
  /** Where the last `predict` put it, and what being off there by a px and a px per step says of the place before. */
  #predicted = { place: 0, velocity: 0, byPlace: 0, byVelocity: 0 };

  /** @param deviation of the first measurement @param speed deviation of a velocity not known yet */
  constructor(place: number, deviation: number, speed: number) {
    this.place = place;
    this.#pp = deviation * deviation;
    this.#vv = speed * speed;
  }

  /** Deviation of the place. */
  get deviation(): number {
    return Math.sqrt(this.#pp);
  }

  /** Deviation of the velocity. */
  get speedDeviation(): number {
    return Math.sqrt(this.#vv);
  }

  /** @param drift deviation of the change of velocity in one step */
  predict(steps: number, drift: number): void {
    const q = drift * drift;
    // Covariances of the place before with place and velocity after.
    const [withPlace, withVelocity] = [this.#pp + steps * this.#pv, this.#pv];
    this.place += this.velocity * steps;
    this.#pp += steps * (2 * this.#pv + steps * this.#vv) + (q * steps ** 3) / 3;
    this.#pv += steps * this.#vv + (q * steps ** 2) / 2;
    this.#vv += q * steps;
    const whole = this.#pp * this.#vv - this.#pv * this.#pv;
    this.#predicted = {
      ...{ place: this.place, velocity: this.velocity },
      byPlace: (withPlace * this.#vv - withVelocity * this.#pv) / whole,
      byVelocity: (withVelocity * this.#pp - withPlace * this.#pv) / whole,
    };
  }

  /**
   * How far the place before the last `predict` was off, as told by what was measured since: smoothing by one step
   * (Rauch, Tung and Striebel, "Maximum Likelihood Estimates of Linear Dynamic Systems", 1965). 0 where nothing was.
   */
  get hindsight(): number {
    const { place, velocity, byPlace, byVelocity } = this.#predicted;
    return byPlace * (this.place - place) + byVelocity * (this.velocity - velocity);
  }

  /** A surprise beyond `reach` deviations counts as a coarser measurement (Huber's weights). */
  correct(measured: number, deviation: number, reach = OUTLIER): void {
    let sum = this.#pp + deviation * deviation;
    const excess = Math.abs(measured - this.place) / (reach * Math.sqrt(sum));
    if (excess > 1) sum = this.#pp + deviation * deviation * excess * excess;
    const gain = this.#pp / sum;
    const velocityGain = this.#pv / sum;
    const surprise = measured - this.place;
    this.place += gain * surprise;
    this.velocity += velocityGain * surprise;
    this.#vv -= velocityGain * this.#pv;
    this.#pv -= gain * this.#pv;
    this.#pp -= gain * this.#pp;
  }

  /** @param measured velocity per step */
  correctVelocity(measured: number, deviation: number): void {
    const sum = this.#vv + deviation * deviation;
    const gain = this.#pv / sum;
    const velocityGain = this.#vv / sum;
    const surprise = measured - this.velocity;
    this.place += gain * surprise;
    this.velocity += velocityGain * surprise;
    this.#pp -= gain * this.#pv;
    this.#pv -= velocityGain * this.#pv;
    this.#vv -= velocityGain * this.#vv;
  }
}
