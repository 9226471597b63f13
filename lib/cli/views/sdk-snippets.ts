// What a person copies into a program that reads the flags of a project: one snippet for each SDK.

export interface SdkValues {
  readonly url: string
  readonly instanceId: string
  readonly environment: string
}

/** The address of a project for SDKs: each appends its own path. */
export function apiUrl(server: string, project: number): string {
  return `${server.replace(/\/+$/, '')}/api/v4/feature_flags/unleash/${project}`
}

const snippets: Readonly<Record<string, (values: SdkValues) => string>> = {
  node: ({ url, instanceId, environment }) => `// npm install unleash-client
import { startUnleash } from 'unleash-client'

const unleash = await startUnleash({
  url: '${url}',
  instanceId: '${instanceId}',
  appName: '${environment}',
})
console.log(unleash.isEnabled('my_flag', { userId: '7' }))`,
  python: ({ url, instanceId, environment }) => `# pip install UnleashClient
from UnleashClient import UnleashClient

client = UnleashClient(
    url="${url}",
    instance_id="${instanceId}",
    app_name="${environment}",
)
client.initialize_client()
print(client.is_enabled("my_flag", {"userId": "7"}))`,
  ruby: ({ url, instanceId, environment }) => `# gem install unleash
require 'unleash'

unleash = Unleash::Client.new(
  url: '${url}',
  instance_id: '${instanceId}',
  app_name: '${environment}'
)
puts unleash.is_enabled?('my_flag', Unleash::Context.new(user_id: '7'))`,
  go: ({ url, instanceId, environment }) => `// go get github.com/Unleash/unleash-client-go/v4
unleash.Initialize(
	unleash.WithUrl("${url}"),
	unleash.WithInstanceId("${instanceId}"),
	unleash.WithAppName("${environment}"),
)
unleash.WaitForReady()
fmt.Println(unleash.IsEnabled("my_flag", unleash.WithContext(context.Context{UserId: "7"})))`,
  java: ({ url, instanceId, environment }) => `// io.getunleash:unleash-client-java
Unleash unleash = new DefaultUnleash(UnleashConfig.builder()
    .unleashAPI("${url}")
    .instanceId("${instanceId}")
    .appName("${environment}")
    .synchronousFetchOnInitialisation(true)
    .build());
System.out.println(unleash.isEnabled("my_flag", UnleashContext.builder().userId("7").build()));`,
  curl: ({ url, instanceId, environment }) =>
    `curl -H 'UNLEASH-INSTANCEID: ${instanceId}' -H 'UNLEASH-APPNAME: ${environment}' '${url}/client/features'`,
}

/** The snippet of an SDK; that of curl for a name without one. */
export function snippet(sdk: string, values: SdkValues): string {
  return (snippets[sdk] ?? curl)(values)
}

const curl = (values: SdkValues): string => snippets['curl']?.(values) ?? ''
