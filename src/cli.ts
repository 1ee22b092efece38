#!/usr/bin/env node
console.log("ringkv");
