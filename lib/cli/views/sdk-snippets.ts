// What a person copies into a file and runs: one whole program for each SDK. The values come from outside, so each stands in a
// literal of the language; a name that closes its quotes would be code.

export interface SdkValues {
  readonly url: string
  readonly instanceId: string
  readonly environment: string
  /** The flag that the program asks for. */
  readonly flag: string
}

export interface Snippet {
  /** How to get the SDK, and how the program is run. */
  readonly install: string
  readonly program: string
  /** What begins a comment in the language. */
  readonly comment: '#' | '//'
}

export type Sdk = 'python' | 'ruby' | 'node' | 'go' | 'java' | 'curl'

export const sdks: readonly Sdk[] = ['python', 'ruby', 'node', 'go', 'java', 'curl']

/** The address of a project for SDKs: each appends its own path. */
export function apiUrl(server: string, project: number): string {
  return `${server.replace(/\/+$/, '')}/api/v4/feature_flags/unleash/${project}`
}

/** The program for an SDK. */
export function snippet(sdk: Sdk, values: SdkValues): Snippet {
  return snippets[sdk](values)
}

/** JavaScript, Python, Go and Java read it as the same text. */
const double = (text: string): string => JSON.stringify(text)
/** Ruby's `"` would run what stands in `#{…}`. */
const rubyText = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`
const shellText = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const snippets: Readonly<Record<Sdk, (values: SdkValues) => Snippet>> = {
  python: ({ url, instanceId, environment, flag }) => ({
    comment: '#',
    install: "pip install 'UnleashClient<7', save as app.py, then: python app.py",
    program: `from UnleashClient import UnleashClient

client = UnleashClient(
    url=${double(url)},
    instance_id=${double(instanceId)},
    app_name=${double(environment)},
    refresh_interval=15,
)
client.initialize_client()
print(${double(`${flag}:`)}, client.is_enabled(${double(flag)}, {"userId": "7"}))
client.destroy()`,
  }),
  ruby: ({ url, instanceId, environment, flag }) => ({
    comment: '#',
    install: 'gem install unleash, save as app.rb, then: ruby app.rb',
    program: `require 'unleash'

unleash = Unleash::Client.new(
  url: ${rubyText(url)},
  instance_id: ${rubyText(instanceId)},
  app_name: ${rubyText(environment)}
)
context = Unleash::Context.new(user_id: '7')
puts ${rubyText(`${flag}: `)} + unleash.is_enabled?(${rubyText(flag)}, context).to_s
unleash.shutdown`,
  }),
  node: ({ url, instanceId, environment, flag }) => ({
    comment: '//',
    install: 'npm install unleash-client, save as app.mjs, then: node app.mjs',
    program: `import { startUnleash } from 'unleash-client'

const unleash = await startUnleash({
  url: ${double(url)},
  instanceId: ${double(instanceId)},
  appName: ${double(environment)},
})
console.log(${double(`${flag}:`)}, unleash.isEnabled(${double(flag)}, { userId: '7' }))
unleash.destroy()`,
  }),
  // Blanks, where gofmt would put tabs: a tab is not shown as it is (lib/text/printable.ts), and would break the program.
  go: ({ url, instanceId, environment, flag }) => ({
    comment: '//',
    install: 'go mod init example, save as main.go, then: go mod tidy && go run .',
    program: `package main

import (
    "fmt"

    "github.com/Unleash/unleash-client-go/v4"
    "github.com/Unleash/unleash-client-go/v4/context"
)

func main() {
    unleash.Initialize(
        unleash.WithListener(&unleash.DebugListener{}),
        unleash.WithUrl(${double(url)}),
        unleash.WithInstanceId(${double(instanceId)}),
        unleash.WithAppName(${double(environment)}),
    )
    unleash.WaitForReady()
    user := context.Context{UserId: "7"}
    fmt.Println(${double(`${flag}:`)}, unleash.IsEnabled(${double(flag)}, unleash.WithContext(user)))
    unleash.Close()
}`,
  }),
  java: ({ url, instanceId, environment, flag }) => ({
    comment: '//',
    install: 'the dependency io.getunleash:unleash-client-java, save as App.java',
    program: `import io.getunleash.DefaultUnleash;
import io.getunleash.UnleashContext;
import io.getunleash.util.UnleashConfig;

public class App {
    public static void main(String[] args) {
        UnleashConfig config = UnleashConfig.builder()
            .unleashAPI(${double(url)})
            .instanceId(${double(instanceId)})
            .appName(${double(environment)})
            .synchronousFetchOnInitialisation(true)
            .build();
        DefaultUnleash unleash = new DefaultUnleash(config);
        UnleashContext user = UnleashContext.builder().userId("7").build();
        System.out.println(${double(`${flag}: `)} + unleash.isEnabled(${double(flag)}, user));
        unleash.shutdown();
    }
}`,
  }),
  curl: ({ url, instanceId, environment }) => ({
    comment: '#',
    install: 'what an SDK is sent; it decides by itself',
    program: [
      'curl -sS \\',
      `  -H ${shellText(`UNLEASH-INSTANCEID: ${instanceId}`)} \\`,
      `  -H ${shellText(`UNLEASH-APPNAME: ${environment}`)} \\`,
      `  ${shellText(`${url}/client/features`)}`,
    ].join('\n'),
  }),
}
