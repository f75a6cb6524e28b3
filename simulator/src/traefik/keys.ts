import { parse } from "yaml";

/** Which keys there can be: below each its own, where it is a mapping; `*` stands for any name. */
export type Keys = { readonly [key: string]: Keys } | null;

// From docs/content/reference of Traefik 3.7; nothing is known below what is null.

/** What traefik.yml may say. */
export const staticKeys: Keys = parse(`
global: {checkNewVersion, sendAnonymousUsage}
entryPoints:
  '*':
    address:
    allowACMEByPass:
    reusePort:
    asDefault:
    transport:
      lifeCycle: {requestAcceptGraceTimeout, graceTimeOut}
      respondingTimeouts: {readTimeout, writeTimeout, idleTimeout}
      keepAliveMaxTime:
      keepAliveMaxRequests:
    proxyProtocol: {insecure, trustedIPs}
    forwardedHeaders: {insecure, trustedIPs, connection, notAppendXForwardedFor}
    http:
      redirections: {entryPoint: {to, scheme, permanent, priority}}
      middlewares:
      tls: {options, certResolver, domains: {main, sans}}
      encodedCharacters:
      encodeQuerySemicolons:
      sanitizePath:
      maxHeaderBytes:
      underscoreHeadersStrategy:
    http2: {maxConcurrentStreams}
    http3: {advertisedPort}
    udp: {timeout}
    observability: {accessLogs, metrics, tracing, traceVerbosity}
api: {basePath, insecure, dashboard, debug, disableDashboardAd, dashboardName}
metrics:
  addInternals:
  prometheus: {buckets, addEntryPointsLabels, addRoutersLabels, addServicesLabels, entryPoint, manualRouting, headerLabels}
  datadog:
  statsD:
  influxDB2:
  otlp:
ping: {entryPoint, manualRouting, terminatingStatusCode}
log: {level, format, noColor, filePath, maxSize, maxAge, maxBackups, compress, otlp}
accessLog:
  filePath:
  format:
  filters: {statusCodes, retryAttempts, minDuration}
  fields: {defaultMode, names, headers: {defaultMode, names}, queryParameters: {defaultMode}}
  bufferingSize:
  addInternals:
  dualOutput:
  otlp:
certificatesResolvers:
  '*':
    acme:
      email:
      caServer:
      preferredChain:
      profile:
      emailAddresses:
      disableCommonName:
      storage:
      keyType:
      eab: {kid, hmacEncoded}
      certificatesDuration:
      certificateTimeout:
      clientTimeout:
      clientResponseHeaderTimeout:
      caCertificates:
      caSystemCertPool:
      caServerName:
      dnsChallenge:
        provider:
        resolvers:
        propagation: {disableChecks, disableANSChecks, requireAllRNS, delayBeforeChecks}
        delayBeforeCheck:
        disablePropagationCheck:
      httpChallenge: {entryPoint, delay}
      tlsChallenge: {delay}
    tailscale: {}
providers:
  providersThrottleDuration:
  precedence:
  file: {directory, watch, filename, debugLogGeneratedTemplate}
  docker:
  http:
  rest:
  plugin:
`) as Keys;

/** What dynamic.yml may say. */
export const dynamicKeys: Keys = parse(`
http:
  routers:
    '*':
      entryPoints:
      middlewares:
      service:
      rule:
      ruleSyntax:
      parentRefs:
      priority:
      tls: {options, certResolver, domains: {main, sans}}
      observability: {accessLogs, metrics, tracing, traceVerbosity}
  services:
    '*':
      failover:
      highestRandomWeight:
      loadBalancer:
        sticky:
        servers: {url, weight, preservePath}
        strategy:
        healthCheck:
        passiveHealthCheck:
        passHostHeader:
        responseForwarding: {flushInterval}
        serversTransport:
      mirroring:
      weighted:
  middlewares:
    '*':
      addPrefix:
      basicAuth: {users, usersFile, realm, removeHeader, headerField}
      buffering:
      chain: {middlewares}
      circuitBreaker:
      compress:
      contentType:
      digestAuth:
      errors:
      forwardAuth:
      grpcWeb:
      headers:
        customRequestHeaders:
        customResponseHeaders:
        accessControlAllowCredentials:
        accessControlAllowHeaders:
        accessControlAllowMethods:
        accessControlAllowOriginList:
        accessControlAllowOriginListRegex:
        accessControlExposeHeaders:
        accessControlMaxAge:
        addVaryHeader:
        allowedHosts:
        hostsProxyHeaders:
        sslProxyHeaders:
        stsSeconds:
        stsIncludeSubdomains:
        stsPreload:
        forceSTSHeader:
        frameDeny:
        customFrameOptionsValue:
        contentTypeNosniff:
        browserXssFilter:
        customBrowserXSSValue:
        contentSecurityPolicy:
        contentSecurityPolicyReportOnly:
        publicKey:
        referrerPolicy:
        permissionsPolicy:
        isDevelopment:
      ipAllowList: {sourceRange, ipStrategy: {depth, excludedIPs, ipv6Subnet}, rejectStatusCode}
      inFlightReq:
        amount:
        sourceCriterion: {ipStrategy: {depth, excludedIPs, ipv6Subnet}, requestHeaderName, requestHost}
      passTLSClientCert:
      plugin:
      rateLimit:
        average:
        period:
        burst:
        sourceCriterion: {ipStrategy: {depth, excludedIPs, ipv6Subnet}, requestHeaderName, requestHost}
        redis:
      redirectRegex: {regex, replacement, permanent}
      redirectScheme: {scheme, port, permanent}
      replacePath: {path}
      replacePathRegex: {regex, replacement}
      retry:
      stripPrefix: {prefixes, forceSlash}
      stripPrefixRegex: {regex}
  serversTransports:
    '*':
      serverName:
      insecureSkipVerify:
      rootCAs:
      certificates: {certFile, keyFile}
      cipherSuites:
      minVersion:
      maxVersion:
      maxIdleConnsPerHost:
      forwardingTimeouts: {dialTimeout, responseHeaderTimeout, idleConnTimeout, readIdleTimeout, pingTimeout}
      disableHTTP2:
      peerCertURI:
      spiffe: {ids, trustDomain}
tcp:
udp:
tls:
  certificates: {certFile, keyFile, stores}
  options:
    '*':
      minVersion:
      maxVersion:
      cipherSuites:
      curvePreferences:
      clientAuth: {caFiles, clientAuthType}
      sniStrict:
      alpnProtocols:
      disableSessionTickets:
      preferServerCipherSuites:
  stores:
    '*':
      defaultCertificate: {certFile, keyFile}
      defaultGeneratedCert: {resolver, domain: {main, sans}}
`) as Keys;
