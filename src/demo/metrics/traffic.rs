//! How many requests a service has had in a place: a sum of waves, integrated in closed form.

use std::f64::consts::TAU;

/// Periods in seconds and heights of the waves: a day, a week, and smaller swings down to seconds.
const WAVES: [(f64, f64); 7] = [
    (86_400.0, 0.42),
    (604_800.0, 0.11),
    (3_217.0, 0.05),
    (433.0, 0.035),
    (131.0, 0.03),
    (47.0, 0.03),
    (19.0, 0.02),
];

/// A service's requests in one place.
#[derive(Debug)]
pub(super) struct Traffic {
    /// Requests a second, over the week.
    mean: f64,
    /// When counting began, in milliseconds.
    origin: i64,
    phases: [f64; 7],
    /// What the waves integrate to at the origin.
    start: f64,
}

impl Traffic {
    /// Of so many requests a second, counted from `origin` (milliseconds) on.
    pub(super) fn new(mean: f64, origin: i64, peak_hour: f64, random: &mut fastrand::Rng) -> Self {
        let mut phases = [0.0; 7];
        for phase in &mut phases {
            *phase = random.f64() * TAU;
        }
        // The day's wave is highest at the same local hour for everyone: people shop in the evening.
        phases[0] = TAU * (0.25 - peak_hour / 24.0);
        let mut traffic = Self { mean, origin, phases, start: 0.0 };
        traffic.start = traffic.integral(origin);
        traffic
    }

    /// All requests from the origin up to a time in milliseconds.
    pub(super) fn requests(&self, time: i64) -> f64 {
        self.integral(time) - self.start
    }

    fn integral(&self, time: i64) -> f64 {
        let seconds = time as f64 / 1000.0;
        let mut waves = (time - self.origin) as f64 / 1000.0;
        for ((period, height), phase) in WAVES.iter().zip(self.phases) {
            let speed = TAU / period;
            waves -= height / speed * (seconds.rem_euclid(*period) * speed + phase).cos();
        }
        self.mean * waves
    }
}
