# Unleash's SDK for Ruby as an application has it. Each line of input is a list of questions in JSON, each line of output the answers.
# At the end of the input it sends its counts. Its log is on standard error.
require 'json'
require 'logger'
require 'tmpdir'
require 'unleash'

$stdout.sync = true
Dir.mktmpdir do |folder|
  client = Unleash::Client.new(
    url: ENV.fetch('UNLEASH_URL'),
    instance_id: ENV.fetch('UNLEASH_INSTANCE_ID'),
    app_name: 'production',
    refresh_interval: 0.2,
    metrics_interval: 60,
    backup_file: File.join(folder, 'flags.json'),
    logger: Logger.new($stderr),
    log_level: Logger::ERROR
  )
  $stdin.each_line do |line|
    answers = JSON.parse(line).map do |question|
      client.is_enabled?(question['flag'], Unleash::Context.new(question['context']), false)
    end
    puts JSON.generate(answers)
  end
  client.shutdown
end
