"""Programs as scientists write them; each module lists its CASES: function, arguments."""
