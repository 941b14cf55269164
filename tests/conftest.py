"""Every test runs with the checks of the compiler's own passes switched on."""

import s2s.pipeline

s2s.pipeline.CHECK = True
