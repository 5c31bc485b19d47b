/** Loaded into each server that is measured, before it: answers every message with what the process has used so far. */
process.on('message', () => {
  process.send?.({ rssBytes: process.memoryUsage.rss(), cpu: process.cpuUsage() })
})
process.channel?.unref()
