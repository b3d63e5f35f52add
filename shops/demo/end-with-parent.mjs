// Loaded by --import into what the demo shop starts: ends it with the shop, even one that was killed and said no goodbye.
process.once("disconnect", () => process.exit());
// The channel alone must not keep alive a program that is done.
process.channel?.unref();
