package io.concord.architecture.planted.lock;

import org.springframework.boot.SpringApplication;

class SeesBoot {

	Class<?> type = SpringApplication.class;

}
