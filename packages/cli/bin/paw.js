#!/usr/bin/env node
// Committed, because npm links a command only if its file is there when it installs, and the build comes after that.
import "../dist/paw.js";
