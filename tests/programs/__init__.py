"""Programs as scientists write them; a module lists its CASES: function, arguments."""
