package io.concord.architecture.planted.autoconfigure;

import org.springframework.boot.autoconfigure.AutoConfiguration;

@AutoConfiguration
final class HiddenAutoConfiguration {

}
